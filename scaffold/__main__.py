"""What `-m scaffold` runs: the command of that name."""

import sys

from scaffold.cli.main import main

sys.exit(main())
