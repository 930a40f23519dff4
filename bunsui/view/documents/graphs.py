"""Graphs as JSON documents: of jobs, or of states."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import ABSENT, Absent, Shape, member
from bunsui.services.graph import GraphJob, PipelineGraph
from bunsui.services.state_graph import MachineNode, StateGraph, StateNode, Transition, TransitionKind


class GraphJobPart(ShapeOf[GraphJob]):
    """A job."""

    name: str = member("Its name.")
    duration: float = member(
        "Seconds as they were learnt or assumed; 1 for every job as long as nothing was learnt of any.", of="duration_seconds"
    )
    is_learnt: bool | Absent = member(
        "False where the duration is assumed: the median of those that were learnt, or 1.", default=ABSENT
    )
    description: str | Absent = member("What it does; empty when the file says nothing.", default=ABSENT)


class GraphDocument(ShapeOf[PipelineGraph], kind="graph"):
    """Of `graph`: a pipeline's jobs as they will run."""

    pipeline: str = member("The pipeline's name.")
    title: str | Absent = member("The pipeline's title; empty when its file says none.", of="about.title", default=ABSENT)
    description: str | Absent = member(
        "What the pipeline does; empty when its file says nothing.", of="about.description", default=ABSENT
    )
    jobs: tuple[GraphJobPart, ...] = member("In the order of the file.")
    edges: tuple[tuple[str, str], ...] = member("Dependencies as the file says them: a job, and one that depends on it.")
    waves: tuple[Annotated[tuple[str, ...], "Jobs."], ...] = member(
        "Jobs by how many others must be done before, in the state machine."
    )
    synthetic: tuple[tuple[str, str], ...] = member("A job, and one that waits for it without depending on it.")
    has_durations: bool | Absent = member(
        "Whether durations were learnt (`bunsui.durations.yaml`). False: they count jobs.", default=ABSENT
    )
    makespan: float = member("The longest way through the state machine, as the durations.", of="makespan_seconds")
    critical_path: tuple[str, ...] = member("The jobs of the longest way through the dependencies.")


class StatePart(ShapeOf[StateNode]):
    """A state. Its name is the only one of its kind in the whole definition."""

    name: str = member("Its name.")
    type: str = member("Its type; empty for a placeholder that is filled in when the definition is deployed.")
    detail: str = member("What a Task calls, a Wait waits for, a Fail fails with, how a Map runs; may be empty.")
    parent: str = member("The Parallel or Map that it stands in; empty outside.", of=None)
    branch: int | None = member("The branch of the Parallel that it stands in, from 0; null elsewhere.", of=None)
    starts: bool = member("Whether the machine, branch or processor that it stands in starts with it.", of=None)
    ends: bool = member("Whether the machine, branch or processor that it stands in may end with it.")


class TransitionPart(ShapeOf[Transition]):
    """What may follow a state."""

    from_: str = member("A state.", of=None)
    to: str = member("The state that follows.", of="target")
    type: TransitionKind = member("Why it follows.", of="kind")
    condition: str = member("Of a choice when it is taken; of a catch the errors, with commas; else empty.")


class StateGraphDocument(Shape, kind="state-graph"):
    """Of `graph`: the states of a definition in Amazon States Language, of a file or of a pipeline with `definition:`."""

    name: str = member("The pipeline, or the file's name without its endings.")
    states: tuple[StatePart, ...] = member("In the order of the flow; those inside a state come after it.")
    transitions: tuple[TransitionPart, ...] = member("By the state that they leave, in the order in which they are tried.")


def state_graph_document(graph: StateGraph) -> StateGraphDocument:
    """Return the graph as JSON: states, also those inside others, and transitions in one list each."""
    found = list(_states(graph.machine))
    transitions = [TransitionPart.of(way, from_=node.name) for node, _ in found for way in node.transitions]
    states = tuple(state for _, state in found)
    return StateGraphDocument(name=graph.name, states=states, transitions=tuple(transitions))


def _states(machine: MachineNode, parent: str = "", branch: int | None = None) -> Iterator[tuple[StateNode, StatePart]]:
    for state in machine.states:
        yield state, StatePart.of(state, parent=parent, branch=branch, starts=state.name == machine.start)
        for index, inner in enumerate(state.machines):
            yield from _states(inner, state.name, index if state.type == "Parallel" else None)
