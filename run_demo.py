"""Start AdaFuse Live: `python run_demo.py --help` tells what it can do."""

from app.process import signals

if __name__ == "__main__":
    # Before anything that takes time: Ctrl-C during an import would print a traceback.
    signals.end_at_once()

    from app.main import main

    raise SystemExit(main())
