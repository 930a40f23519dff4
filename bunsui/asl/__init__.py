"""A typed model of a state machine definition: what the compiler emits, printed as readable Amazon States Language.

Rule: nothing here knows bunsui's pipelines. Sources: states-language.net and the Step Functions developer guide.
"""
