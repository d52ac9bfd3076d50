"""Which of the cases are none. Loaded by schemathesis (SCHEMATHESIS_HOOKS)."""

import schemathesis


@schemathesis.hook
def filter_case(context, case):
    """A header is text: the number 0 in one is the text `0`, whatever the case takes it for."""
    return not any(str(value) == "0" for value in (case.headers or {}).values())
