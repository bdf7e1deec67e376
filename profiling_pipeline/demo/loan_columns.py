"""The columns of the demo's credit-card loan file, as a planner would declare them."""

from dataclasses import dataclass

from profiling_pipeline.sources.model import Attribute


@dataclass(frozen=True)
class LoanColumn:
    """One column and the planning attribute that declares it; `format_code` as in `C18`, `N6.5`, `Date YYYYMMDD`."""

    name: str
    technical_name: str
    description: str
    data_type: str
    format_code: str
    mandatory: str = "Mandatory"
    classification: str = "Internal"
    is_primary_key: bool = False

    @property
    def decimals(self) -> int:
        """Digits after the point that a number is written with."""
        return int(self.format_code.partition(".")[2] or 0)

    @property
    def is_amount(self) -> bool:
        """Whether the column holds dollars and cents."""
        return self.format_code == "N12.2"

    def attribute(self, attribute_id: int = 0) -> Attribute:
        """Return the planning attribute that declares the column; a database gives ids of its own."""
        return Attribute(
            attribute_id=attribute_id,
            name=self.name,
            technical_name=self.technical_name,
            description=self.description,
            data_type=self.data_type,
            format_code=self.format_code,
            mandatory=self.mandatory,
            is_primary_key=self.is_primary_key,
            primary_key_order=1 if self.is_primary_key else None,
            classification=self.classification,
        )


def _text(
    name: str, column: str, about: str, size: int, mandatory: str = "Mandatory", classification: str = "Internal"
) -> LoanColumn:
    return LoanColumn(name, column, about, "String", f"C{size}", mandatory, classification)


def _date(name: str, column: str, about: str, mandatory: str = "Mandatory") -> LoanColumn:
    return LoanColumn(name, column, about, "Date", "Date YYYYMMDD", mandatory)


def _count(
    name: str, column: str, about: str, digits: int, mandatory: str = "Mandatory", classification: str = "Internal"
) -> LoanColumn:
    return LoanColumn(name, column, about, "Integer", f"N{digits}", mandatory, classification)


def _flag(name: str, column: str, about: str) -> LoanColumn:
    return _count(name, column, f"1 when {about}, else 0.", 1, classification="Public")


def _amount(name: str, column: str, about: str, mandatory: str = "Mandatory") -> LoanColumn:
    return LoanColumn(name, column, f"{about}, in dollars.", "Decimal", "N12.2", mandatory)


def _rate(name: str, column: str, about: str, mandatory: str = "Mandatory", size: str = "N3.3") -> LoanColumn:
    return LoanColumn(name, column, about, "Decimal", size, mandatory)


_IDENTITY = (
    _date("Reporting Date", "REPORTING_DATE", "Last day of the month that the row describes."),
    LoanColumn(
        "Account Reference",
        "ACCOUNT_REFERENCE",
        "The lender's own, lasting reference of the account.",
        "String",
        "C18",
        classification="Confidential",
        is_primary_key=True,
    ),
    _text(
        "Customer Reference",
        "CUSTOMER_REFERENCE",
        "The lender's reference of the person who owes.",
        12,
        classification="Confidential",
    ),
    _count("Lender Number", "LENDER_NUMBER", "Number of the legal entity that booked the account.", 7),
    _text("Branch Code", "BRANCH_CODE", "Branch that looks after the customer.", 6),
    _text("Portfolio Segment", "PORTFOLIO_SEGMENT", "Part of the card business that the account belongs to.", 12),
    _text("State Code", "STATE_CODE", "State of the billing address.", 2, classification="Public"),
    _text(
        "Postal Code", "POSTAL_CODE", "Five-digit postal code of the billing address.", 5, classification="Confidential"
    ),
    _text("Country Code", "COUNTRY_CODE", "Country of the billing address.", 2, classification="Public"),
    _text("Card Type", "CARD_TYPE", "G general purpose, P private label, C co-branded.", 1, classification="Public"),
    _text("Product Code", "PRODUCT_CODE", "Product line of the card.", 4, classification="Public"),
    _text("Network Code", "NETWORK_CODE", "Payment network: V, M, A or D.", 1, classification="Public"),
    _text("Acquisition Channel", "ACQUISITION_CHANNEL", "How the account was won.", 3, classification="Public"),
    _text("Rewards Program", "REWARDS_PROGRAM", "N none, C cash back, P points, M miles.", 1, classification="Public"),
    _flag("Secured Flag", "SECURED_FLAG", "a deposit secures the line"),
    _flag("Revolving Flag", "REVOLVING_FLAG", "balances may be carried from cycle to cycle"),
    _flag("Joint Account Flag", "JOINT_ACCOUNT_FLAG", "two people owe jointly"),
    _count("Authorized Users", "AUTHORIZED_USERS", "People besides the owner who may use the line.", 2),
    _flag("Employee Account Flag", "EMPLOYEE_ACCOUNT_FLAG", "the customer works for the lender"),
    _flag("Securitized Flag", "SECURITIZED_FLAG", "the balance was sold into a trust"),
    _text("Account Status", "ACCOUNT_STATUS", "O open, F frozen, C closed, X charged off.", 1, classification="Public"),
    _text("Close Reason", "CLOSE_REASON", "Who closed the account and why; only of closed accounts.", 2, "Conditional"),
)

_DATES = (
    _date("Open Date", "OPEN_DATE", "Day the account was opened."),
    _date("Close Date", "CLOSE_DATE", "Day the account was closed, if it was.", "Conditional"),
    _date("Cycle Date", "CYCLE_DATE", "Last day of the billing cycle that ends in the month."),
    _date("Next Payment Due Date", "NEXT_PAYMENT_DUE_DATE", "Day the next payment is due."),
    _date("Last Payment Date", "LAST_PAYMENT_DATE", "Day of the most recent payment.", "Conditional"),
    _date("Last Purchase Date", "LAST_PURCHASE_DATE", "Day of the most recent purchase.", "Conditional"),
    _date("Score Refresh Date", "SCORE_REFRESH_DATE", "Day the current credit score was drawn."),
    _date("Card Expiry Date", "CARD_EXPIRY_DATE", "Last day on which the plastic can be used."),
    _date("Limit Change Date", "LIMIT_CHANGE_DATE", "Day the limit last changed, if it did.", "Conditional"),
    _date("Charge Off Date", "CHARGE_OFF_DATE", "Day the balance was written off, if it was.", "Conditional"),
    _date("Bankruptcy Date", "BANKRUPTCY_DATE", "Day of the customer's bankruptcy filing.", "Conditional"),
    _date("Re-age Date", "REAGE_DATE", "Day the account was last brought current by agreement.", "Conditional"),
    _date("Co-borrower Added Date", "COBORROWER_ADDED_DATE", "Day a second borrower joined.", "Conditional"),
    _date("Promotion End Date", "PROMOTION_END_DATE", "Last day of the promotional rate.", "Conditional"),
)

_CUSTOMER = (
    _count(
        "Annual Income",
        "ANNUAL_INCOME",
        "Yearly income stated by the customer, in dollars.",
        9,
        classification="Confidential",
    ),
    _count("Income Source", "INCOME_SOURCE", "1 wages, 2 own business, 3 pension, 4 other.", 1),
    _text("Employment Status", "EMPLOYMENT_STATUS", "EM employed, SE self-employed, RE retired, ST student.", 2),
    _count("Borrower Age", "BORROWER_AGE", "Age of the customer in years.", 3, classification="Confidential"),
    _count(
        "Origination Score",
        "ORIGINATION_SCORE",
        "Bureau credit score when the account was opened.",
        3,
        classification="Confidential",
    ),
    _count("Current Score", "CURRENT_SCORE", "Most recent bureau credit score.", 3, classification="Confidential"),
    _count(
        "Co-borrower Score",
        "COBORROWER_SCORE",
        "Bureau credit score of the second borrower.",
        3,
        "Conditional",
        classification="Confidential",
    ),
    _text("Score Model", "SCORE_MODEL", "Model that made the bureau score.", 8),
    _rate("Behavior Score", "BEHAVIOR_SCORE", "The lender's own score of how the account is used.", size="N4.3"),
    _text("Risk Grade", "RISK_GRADE", "Internal grade from A, safest, to E.", 1),
    _count("Relationship Months", "RELATIONSHIP_MONTHS", "Months since the customer's first account.", 3),
    _count("Other Products", "OTHER_PRODUCTS", "Other products that the customer holds with the lender.", 2),
)

_BALANCES = (
    _amount("Original Credit Limit", "ORIGINAL_CREDIT_LIMIT", "Limit when the account was opened"),
    _amount("Credit Limit", "CREDIT_LIMIT", "Limit at the end of the cycle"),
    _amount("Cash Limit", "CASH_LIMIT", "Part of the limit that can be drawn in cash"),
    _amount("Cycle Balance", "CYCLE_BALANCE", "Balance owed at the end of the cycle"),
    _amount("Month End Balance", "MONTH_END_BALANCE", "Balance owed at the end of the month"),
    _amount("Average Daily Balance", "AVERAGE_DAILY_BALANCE", "Mean balance over the days of the cycle"),
    _amount("Purchase Balance", "PURCHASE_BALANCE", "Part of the cycle balance at the purchase rate"),
    _amount("Cash Balance", "CASH_BALANCE", "Part of the cycle balance at the cash rate"),
    _amount("Promotional Balance", "PROMOTIONAL_BALANCE", "Part of the cycle balance at a promotional rate"),
    _amount("Other Balance", "OTHER_BALANCE", "Rest of the cycle balance"),
    _amount("Available Credit", "AVAILABLE_CREDIT", "Limit less the cycle balance"),
    _rate("Utilization Rate", "UTILIZATION_RATE", "Cycle balance as a percentage of the limit.", size="N3.2"),
    _amount("Prior Cycle Balance", "PRIOR_CYCLE_BALANCE", "Balance owed at the end of the cycle before"),
    _amount("Highest Balance", "HIGHEST_BALANCE", "Highest balance the account ever had"),
    _amount("Purchase Amount", "PURCHASE_AMOUNT", "Purchases of the cycle"),
    _count("Purchase Count", "PURCHASE_COUNT", "Number of purchases of the cycle.", 4),
    _amount("Return Amount", "RETURN_AMOUNT", "Goods returned in the cycle"),
    _amount("Cash Advance Amount", "CASH_ADVANCE_AMOUNT", "Cash drawn in the cycle"),
    _amount("Balance Transfer Amount", "BALANCE_TRANSFER_AMOUNT", "Balances moved here in the cycle"),
    _amount("Convenience Check Amount", "CONVENIENCE_CHECK_AMOUNT", "Checks drawn on the line in the cycle"),
    _amount("Rewards Earned", "REWARDS_EARNED", "Worth of the rewards earned in the cycle"),
    _amount("Rewards Balance", "REWARDS_BALANCE", "Worth of the rewards not yet redeemed"),
)

_PAYMENTS = (
    _amount("Minimum Payment", "MINIMUM_PAYMENT", "Least payment that keeps the account current"),
    _amount("Past Due Amount", "PAST_DUE_AMOUNT", "Payments that were due earlier and did not come"),
    _amount("Total Payment Due", "TOTAL_PAYMENT_DUE", "Minimum payment and past due amount together"),
    _amount("Payment Received", "PAYMENT_RECEIVED", "Payments of the cycle"),
    _count("Payment Count", "PAYMENT_COUNT", "Number of payments of the cycle.", 2),
    _text(
        "Payment Channel",
        "PAYMENT_CHANNEL",
        "ACH, CHK, WEB or BRN; empty without a payment.",
        3,
        "Conditional",
        classification="Public",
    ),
    _flag("Autopay Flag", "AUTOPAY_FLAG", "payments are drawn automatically"),
    _count("Days Past Due", "DAYS_PAST_DUE", "Days since the oldest unpaid due date.", 4),
    _text("Delinquency Bucket", "DELINQUENCY_BUCKET", "Days past due as a range.", 7, classification="Public"),
    _count("Cycles Past Due", "CYCLES_PAST_DUE", "Whole cycles that the account is behind.", 2),
    _count("Times 30 Days Late", "TIMES_30_DAYS_LATE", "Times 30 days late in three years.", 2),
    _count("Times 60 Days Late", "TIMES_60_DAYS_LATE", "Times 60 days late in three years.", 2),
    _flag("Ever 60 Days Late Flag", "EVER_60_DAYS_LATE_FLAG", "the account was 60 days late in three years"),
)

_RATES = (
    _rate("Purchase APR", "PURCHASE_APR", "Yearly rate on purchases, in percent; at most 36."),
    _rate("Cash APR", "CASH_APR", "Yearly rate on cash, in percent; at most 36."),
    _rate("Promotional APR", "PROMOTIONAL_APR", "Yearly promotional rate, in percent.", "Conditional"),
    _rate("Penalty APR", "PENALTY_APR", "Yearly rate after late payments, in percent; at most 36."),
    _text("Rate Type", "RATE_TYPE", "F fixed, V variable.", 1, classification="Public"),
    _text("Rate Index", "RATE_INDEX", "Index that a variable rate follows.", 5, "Conditional", classification="Public"),
    _rate("Index Rate", "INDEX_RATE", "Value of the index, in percent.", "Conditional"),
    _rate("Rate Margin", "RATE_MARGIN", "Purchase rate less the index, in percent.", "Conditional"),
)

_FEES = (
    _amount("Interest Charged", "INTEREST_CHARGED", "Interest of the cycle"),
    _amount("Annual Fee", "ANNUAL_FEE", "Yearly fee charged in the cycle"),
    _amount("Late Fee", "LATE_FEE", "Fee for late payment"),
    _amount("Overlimit Fee", "OVERLIMIT_FEE", "Fee for going over the limit"),
    _amount("Cash Advance Fee", "CASH_ADVANCE_FEE", "Fee for drawing cash"),
    _amount("Transfer Fee", "TRANSFER_FEE", "Fee for moving balances here"),
    _amount("Foreign Use Fee", "FOREIGN_USE_FEE", "Fee for purchases abroad"),
    _amount("Returned Payment Fee", "RETURNED_PAYMENT_FEE", "Fee for a payment that bounced"),
    _amount("Total Fees", "TOTAL_FEES", "All fees of the cycle together"),
)

_LOSSES = (
    _amount("Charge Off Amount", "CHARGE_OFF_AMOUNT", "Balance written off"),
    _amount("Charge Off Principal", "CHARGE_OFF_PRINCIPAL", "Principal within the balance written off"),
    _amount("Recovery Amount", "RECOVERY_AMOUNT", "Money recovered after the write-off"),
    _count("Charge Off Reason", "CHARGE_OFF_REASON", "1 late payment, 2 bankruptcy, 3 fraud, 4 death.", 1,
           "Conditional"),
    _flag("Bankruptcy Flag", "BANKRUPTCY_FLAG", "the customer filed for bankruptcy"),
    _count("Bankruptcy Chapter", "BANKRUPTCY_CHAPTER", "7 or 13.", 2, "Conditional"),
    _flag("Fraud Flag", "FRAUD_FLAG", "fraud was found"),
    _flag("Deceased Flag", "DECEASED_FLAG", "the customer died"),
    _flag("Hardship Flag", "HARDSHIP_FLAG", "the account is in a hardship program"),
    _flag("Workout Flag", "WORKOUT_FLAG", "the account is in a workout program"),
    _flag("Forbearance Flag", "FORBEARANCE_FLAG", "payments are suspended"),
    _flag("Debt Management Flag", "DEBT_MANAGEMENT_FLAG", "a counsellor manages the debt"),
    _rate("Probability of Default", "PROBABILITY_OF_DEFAULT", "Chance of default within a year, 0 to 1.", size="N1.5"),
    _rate("Loss Given Default", "LOSS_GIVEN_DEFAULT", "Share of the exposure lost in default, 0 to 1.", size="N1.5"),
    _amount("Exposure at Default", "EXPOSURE_AT_DEFAULT", "Balance expected at default"),
    _amount("Expected Loss", "EXPECTED_LOSS", "Chance times share times exposure"),
    _text("Collector Remark", "COLLECTOR_REMARK", "Free remark of the collections desk.", 60, "Optional",
          classification="Confidential"),
)  # fmt: skip

LOAN_COLUMNS: tuple[LoanColumn, ...] = (
    *_IDENTITY, *_DATES, *_CUSTOMER, *_BALANCES, *_PAYMENTS, *_RATES, *_FEES, *_LOSSES,
)  # fmt: skip
