"""What every test starts from: no BILLINGS_* variable, and hypothesis the same on each machine."""

from __future__ import annotations

import os

from hypothesis import Phase, settings

# Read by modules when they are imported, so they have to go before the first import of batch.
for _name in [name for name in os.environ if name.startswith("BILLINGS_")]:
    del os.environ[_name]

# `ci` gives the same examples each time; `--hypothesis-profile deep` looks for new ones,
# `--hypothesis-profile life` with tests/core/test_life.py plays long lives of commitments, and `mutation` is
# for the many runs of mutation testing: few examples, the same each time, none made smaller.
settings.register_profile("ci", derandomize=True, deadline=None, database=None)
settings.register_profile("deep", max_examples=2000, deadline=None)
settings.register_profile("life", max_examples=5000, stateful_step_count=25, deadline=None, database=None)
settings.register_profile(
    "mutation",
    max_examples=20,
    phases=[Phase.explicit, Phase.generate],
    derandomize=True,
    deadline=None,
    database=None,
)
settings.load_profile("ci")
