"""What a reader can say of a file."""


class Invalid(Exception):
    """Something is wrong with the file."""


class Newer(Exception):
    """A version that docs/FORMATS.md does not describe."""


def need(condition, what):
    if not condition:
        raise Invalid(what)
