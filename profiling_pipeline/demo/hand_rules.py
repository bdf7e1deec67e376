"""Rules across columns that a tester adds by hand when reviewing the demo's draft."""

from profiling_pipeline.demo.clean_loans import STATES
from profiling_pipeline.rules.rule import Rule, Severity

_BUCKET_OF_DAYS = (
    "DELINQUENCY_BUCKET = CASE WHEN DAYS_PAST_DUE = 0 THEN 'CURRENT' WHEN DAYS_PAST_DUE < 30 THEN '1-29' "
    "WHEN DAYS_PAST_DUE < 60 THEN '30-59' WHEN DAYS_PAST_DUE < 90 THEN '60-89' "
    "WHEN DAYS_PAST_DUE < 120 THEN '90-119' ELSE '120+' END"
)

HAND_RULES: tuple[Rule, ...] = (
    Rule(
        "Minimum Payment is covered by the balance",
        "Minimum Payment",
        "expression",
        {"predicate": "MINIMUM_PAYMENT <= CYCLE_BALANCE"},
        severity=Severity.HIGH,
    ),
    Rule("Open Date comes before Close Date", "Open Date", "date_order", {"later": "CLOSE_DATE"}),
    Rule(
        "Available Credit is the limit less the balance",
        "Available Credit",
        "expression",
        {"predicate": "ABS(AVAILABLE_CREDIT - (CREDIT_LIMIT - CYCLE_BALANCE)) <= 0.01"},
        severity=Severity.HIGH,
    ),
    Rule(
        "Cycle Balance is the sum of its parts",
        "Cycle Balance",
        "sum_equals",
        {
            "parts": ["PURCHASE_BALANCE", "CASH_BALANCE", "PROMOTIONAL_BALANCE", "OTHER_BALANCE"],
            "tolerance": 0.01,
        },
    ),
    Rule(
        "Delinquency Bucket is that of the days past due",
        "Delinquency Bucket",
        "expression",
        {"predicate": _BUCKET_OF_DAYS},
        severity=Severity.HIGH,
    ),
    Rule(
        "Charge Off Date is given with a charge-off",
        "Charge Off Date",
        "required_when",
        {"when": "CHARGE_OFF_AMOUNT > 0"},
    ),
    Rule("State Code is a state", "State Code", "isin", {"allowed_values": STATES}),
)
