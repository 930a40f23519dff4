"""`bunsui ci`: plans in pull requests: the comment, and what was reviewed of it. For jobs of GitHub Actions and GitLab CI.

The forge, the repository, the pull request and the token come from the job's environment: GITHUB_TOKEN, or BUNSUI_GITLAB_TOKEN
(a project access token; a job's own token may not write notes).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bunsui.cli.named_files import read_named_file
from bunsui.cli.options import globals_of
from bunsui.errors import ExitCode, InvalidInput
from bunsui.services.ci.comment import Posted, post_comment
from bunsui.services.ci.digest import reviewed_plan
from bunsui.view.documents.ci import PlanCommentDocument, ReviewedPlanDocument

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Keep the plan's comment in a pull request true, and find at the merge what was reviewed.",
    context_settings={"help_option_names": ["-h", "--help"]},
)

AuthorOption = Annotated[
    str,
    typer.Option(
        "--author",
        envvar="BUNSUI_CI_AUTHOR",
        metavar="LOGIN",
        help="Whose comments are ours: github-actions[bot] by default, in GitLab the token's own user.",
    ),
]
_SAID = {
    Posted.CREATED: "wrote the plan's comment",
    Posted.UPDATED: "renewed the plan's comment",
    Posted.SUPERSEDED: "left the comment alone: there is a newer commit, or a later run for this one",
}
_MOST_BYTES = 1_000_000


@app.command()
def comment(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `bunsui plan --markdown` printed.")],
    author: AuthorOption = "",
) -> int:
    """Write the plan's comment, one for each project and environment, or renew it in place."""
    from bunsui.composition.ci import ci_job  # deferred: `--help` needs none of it

    output = globals_of(context).output
    text = _text(file)
    job = ci_job(author)
    if job.number is None or job.head is None:
        raise InvalidInput(
            "no-pull-request",
            "this job is about no pull request",
            hint="Run it on `pull_request` (GitHub), or in a merge request pipeline (GitLab).",
        )
    posted = post_comment(job.forge, job.number, text, job.head)
    if output.as_json:
        output.document(PlanCommentDocument(pull_request=job.number, comment=posted))
    else:
        output.say(f"{_SAID[posted]} in {job.number}")
    return ExitCode.DONE


@app.command()
def digest(context: typer.Context, author: AuthorOption = "") -> int:
    """Print the digest that was reviewed in the pull request whose merge made this commit, for `apply --digest`.

    The names of the pipelines follow, one a line, where not all were planned.
    """
    from bunsui.composition.ci import ci_job, planned_place  # deferred: `--help` needs none of it

    options = globals_of(context)
    place = planned_place(options)
    job = ci_job(author)
    reviewed = reviewed_plan(job.forge, job.commit, place)
    if options.output.as_json:
        options.output.document(ReviewedPlanDocument.of(reviewed))
    else:
        options.output.raw("\n".join((reviewed.digest, *reviewed.select)))
    return ExitCode.DONE


def _text(file: Path) -> str:
    try:
        return read_named_file(file, limit_bytes=_MOST_BYTES).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput("cannot-read", "the comment cannot be read", path=file, reason=str(error)) from error
