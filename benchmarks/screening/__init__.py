"""Rescreening a prefecture, beside other ways to do the same: hand-written SQL, the ORM, OpenFisca, numpy."""
