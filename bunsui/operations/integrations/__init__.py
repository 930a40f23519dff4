"""What several operation types know of the services that they call: ARNs, IAM actions, arguments, answers, error hints.

In: parameters that a type has checked, and the scope that they are emitted for. Out: permissions, arguments, JSONata. Called by
the types and by `operations.emission`, and by the compiler for raw definitions.

Rule: a fact of a service stands here with its source, once more than one type needs it; nothing here makes a state.
"""
