"""Resource kinds, the pure half: which attributes there are, how they compare, what forces a replacement.

Rule: no AWS calls here; the effects of a kind live in the file of the same name under `bunsui.aws.providers`.

The attributes of each kind are the contract between `compile` (which fills them), `aws.providers` (which reads and writes them)
and `diff`. All are JSON; documents are objects, not text. Every attribute is always present.

state_machine   type (STANDARD|EXPRESS) · definition (object) · role_arn · tracing (bool) · alias (name, "live")
                · logging {level, include_execution_data, log_group_arn} · tags (the user's own, without bunsui:*)
                outputs: arn, version_arn, alias_arn
role            path · trust (policy document) · policy (document of the one inline policy "bunsui") · boundary (ARN or null)
                · description · tags                                                  outputs: arn
log_group       retention_days (int) · tags                                           outputs: arn (without the trailing `:*`)
lambda_function runtime · handler · memory_mb · timeout_seconds · architecture (x86_64|arm64) · role_arn · environment (object)
                · code_digest · log_group (name) · tags        outputs: arn, version, version_arn, code_sha256
schedule_group  tags                                                                  outputs: arn
schedule        group (physical name) · expression · timezone · enabled (bool) · input (object) · target_arn · role_arn
                · retries (int)                                                       outputs: arn
"""
