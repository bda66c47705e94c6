"""Start AdaFuse Live: `python run_demo.py --help` tells what it can do."""

from app.main import main

if __name__ == "__main__":
    raise SystemExit(main())
