"""`python -m bunsui` is `bunsui`."""

from bunsui.cli.entry import run

if __name__ == "__main__":
    run()
