"""The columns of a facts row that a conclusion rests on, and that its reasons print."""

FIGURES = (
    "household_type",
    "persons",
    "net_income",
    "disposable_income",
    "operating_loss",
    "last_year_income",
    "rigid_total",
    "rigid_last_year",
    "medical_expense",
    "education_expense",
    "disaster_expense",
    "risk_bits",
    "guarantee_bits",
    "guarantees_unanswered",
    "negative_bits",
    "has_labour",
    "stable_income",
    "yellow_bits",
    "key_group_bits",
)
