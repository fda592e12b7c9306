"""Each survey's facts become the first version of it, from the day of the visit; expenses and losses come from the survey."""

from django.db import migrations

# One statement, the same on both databases: a county has some hundred thousand rows.
COPY = """
INSERT INTO households_factsversion (
    survey_id, household_id, village_id, begins_on, replaced_on, visited_on, dirty, household_type, persons,
    hukou_persons, net_income, disposable_income, operating_loss, last_year_income, rigid_total, rigid_last_year,
    medical_expense, education_expense, disaster_expense, risk_bits, guarantee_bits, guarantees_unanswered, has_labour,
    stable_income, yellow_bits, key_group_bits, negative_bits, on_dibao
)
SELECT
    facts.survey_id, facts.household_id, facts.village_id, facts.visited_on,
    CASE
        WHEN facts.replaced_on IS NOT NULL AND facts.replaced_on < facts.visited_on THEN facts.visited_on
        WHEN household.closed_on IS NULL OR facts.replaced_on <= household.closed_on THEN facts.replaced_on
        WHEN household.closed_on < facts.visited_on THEN facts.visited_on
        ELSE household.closed_on
    END,
    facts.visited_on, FALSE, facts.household_type, facts.persons,
    facts.hukou_persons, facts.net_income, facts.disposable_income,
    CASE
        WHEN survey.operating_cost IS NULL OR survey.operating_gross IS NULL THEN NULL
        WHEN survey.operating_cost > survey.operating_gross THEN survey.operating_cost - survey.operating_gross
        ELSE 0
    END,
    facts.last_year_income, facts.rigid_total, facts.rigid_last_year,
    CASE
        WHEN survey.rigid_medical IS NULL AND survey.rigid_disability IS NULL THEN NULL
        ELSE COALESCE(survey.rigid_medical, 0) + COALESCE(survey.rigid_disability, 0)
    END,
    survey.rigid_education, survey.rigid_disaster, facts.risk_bits, facts.guarantee_bits, facts.guarantees_unanswered,
    facts.has_labour, facts.stable_income, facts.yellow_bits, facts.key_group_bits, facts.negative_bits, facts.on_dibao
FROM households_facts AS facts
JOIN households_survey AS survey ON survey.id = facts.survey_id
JOIN households_household AS household ON household.id = facts.household_id
"""


class Migration(migrations.Migration):
    dependencies = [("households", "0002_facts_by_version")]

    operations = [migrations.RunSQL(COPY)]
