"""What is wrong with a state machine definition, before AWS says it: findings with stable codes and places.

In: a definition as JSON. Out: `DefinitionFinding`s by their path. Called by document's checks, by compile's limits and by the
embedded Step Functions; `validate.validate` is the door.

Rule: a finding of severity ERROR must be something that Step Functions refuses, or that cannot run; whatever is only unwise is
a warning. Sources: states-language.net, the Step Functions developer guide and API reference, recorded refusals, and refusals
that others measured with ValidateStateMachineDefinition and published (github.com/floci-io/floci, issues 2670, 2735, 2745 and
2968).
"""
