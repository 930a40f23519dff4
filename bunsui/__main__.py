"""`python -m bunsui` is `bunsui`."""

from bunsui.cli.main import main

if __name__ == "__main__":
    main()
