"""Rule texts in the ways in which the earlier system's generator wrote them, made up from parts.

`{c}` is the column. A mask is an expression that is true of each row that passes.
"""

from collections.abc import Iterator

from profiling_pipeline_tests.legacy_migration.translation.python.originals import RuleText

# What passes, by the column that it is asked of.
MASKS: dict[str, tuple[str, ...]] = {
    "tag": (
        "df[{c}].notna()",
        "~df[{c}].isnull()",
        "df[{c}].notnull() & (df[{c}].astype(str).str.strip() != '')",
        "df[{c}].isin(['RED', 'BLUE'])",
        "df[{c}].isin({{'RED'}}) | df[{c}].isna()",
        "~df[{c}].isin(('N/A', 'nan'))",
        "df[{c}].isna() | df[{c}].astype(str).str.match(r'^[A-Z]{{1,2}}-?[0-9]+$')",
        "df[{c}].astype(str).str.match('[A-Za-z]+')",
        "df[{c}].astype(str).str.fullmatch('[A-Za-z0-9]+')",
        "~df[{c}].astype(str).str.contains('[^A-Za-z0-9]', regex=True)",
        "df[{c}].str.match('^[a-z]', case=False, na=False)",
        "df[{c}].str.contains('A', na=True)",
        "df[{c}].str.contains('.', regex=False, na=False)",
        "df[{c}].str.contains('.', True, 0, False, False)",
        "df[{c}].str.startswith('A', True)",
        "df[{c}].str.contains(\"O'N\", na=False)",
        "df[{c}].astype(str).str.len() <= 20",
        "df[{c}].astype(str).str.len().between(2, 4)",
        "df[{c}].str.len() > 1",
        "df[{c}].str.len().fillna(0).between(1, 5)",
        "df[{c}].str.upper() == df[{c}]",
        "df[{c}].str.strip() == df[{c}]",
        "df[{c}].str.startswith('A', na=False)",
        "df[{c}].fillna('').str.endswith('1')",
        "df[{c}].fillna('') != ''",
        "df[{c}].fillna('RED').isin(['RED'])",
        "df[{c}].str[:1] == 'A'",
        "df[{c}].str.replace('-', '', regex=False).str.isalnum().fillna(False)",
        "df[{c}] == 'RED'",
        "df[{c}] != 'RED'",
        "df[{c}].ne('BLUE')",
        "df[{c}].apply(lambda x: isinstance(x, str) and len(x.strip()) > 0)",
        "df[{c}].apply(lambda v: True if pd.isna(v) else str(v).isdigit())",
        "df[{c}].map(lambda v: v in ('RED', 'BLUE', None))",
        "df[{c}].apply(lambda v: v is not None and bool(re.match('[A-Z]+$', v)))",
        "df[{c}].apply(lambda v: not pd.isna(v) and v[0:1] == 'A')",
        "pd.to_numeric(df[{c}], errors='coerce').isna()",
        "np.where(df[{c}].isna(), False, True)",
    ),
    "digits": (
        "pd.to_numeric(df[{c}], errors='coerce').notna()",
        "pd.to_numeric(df[{c}], errors='coerce') > 0",
        "pd.to_numeric(df[{c}], errors='coerce').fillna(-1) >= 0",
        "pd.to_numeric(df[{c}], errors='coerce').between(1, 100)",
        "~(pd.to_numeric(df[{c}], errors='coerce') < 0)",
        "df[{c}].str.isdigit().fillna(False)",
        "df[{c}].astype(str).str.isnumeric()",
        "df[{c}].astype(str).str.match(r'^-?\\d+(\\.\\d{{1,2}})?$')",
        "df[{c}].apply(lambda x: isinstance(x, (int, float)))",
        "df[{c}].str.len().isin([1, 2, 5])",
    ),
    "written": (
        "pd.to_datetime(df[{c}], errors='coerce', format='%Y-%m-%d').notna()",
        "~pd.to_datetime(df[{c}], format='%Y-%m-%d', errors='coerce').isna() | df[{c}].isna()",
        "pd.to_datetime(df[{c}], errors='coerce', format='%Y-%m-%d') >= pd.Timestamp('2000-01-01')",
        "pd.to_datetime(df[{c}], errors='coerce', format='%Y-%m-%d').between('2000-01-01', '2025-12-31')",
        "pd.to_datetime(df[{c}], errors='coerce', format='%Y-%m-%d') <= pd.Timestamp.now()",
        "pd.to_datetime(df[{c}], errors='coerce', format='%Y-%m-%d').dt.year >= 2010",
        "df[{c}].astype(str).str.match(r'^\\d{{4}}-\\d{{2}}-\\d{{2}}$')",
    ),
    "grade": (
        "df[{c}].notna()",
        "df[{c}] > 0",
        "~(df[{c}] <= 0)",
        "df[{c}].between(1, 5)",
        "df[{c}].between(1, 5, inclusive='neither')",
        "df[{c}].isna() | df[{c}].isin(range(1, 6))",
        "df[{c}].isin([1, 2, 3])",
        "df[{c}].fillna(0).isin(set(range(0, 4)))",
        "df[{c}].fillna(-1).astype(int).isin([1, 2, 3, 5])",
        "df[{c}].fillna(-5) != -5",
        "df[{c}] == 7",
        "df[{c}] != 7",
        "df[{c}].astype(str).str.len() <= 3",
        "df[{c}].astype(str).str.match('^[0-9]{{1,3}}$')",
        "df[{c}].fillna(0).astype(str).str.match('^[0-9]+$')",
        "df[{c}].fillna(0).astype(int).astype(str).str.len().between(1, 3)",
        "df[{c}].apply(lambda x: isinstance(x, (int, np.integer)))",
        "df[{c}].apply(lambda x: isinstance(x, (int, float)) and 1 <= x <= 99)",
        "df[{c}].apply(lambda x: float(x).is_integer() if pd.notnull(x) else True)",
        "df[{c}].apply(lambda x: x % 1 == 0)",
        "df[{c}].apply(lambda x: str(x).isdigit())",
        "df[{c}].apply(lambda x: x in [1, 2, 3])",
        "(df[{c}] >= 1) & (df[{c}] <= 5) | df[{c}].isnull()",
    ),
    "rank": (
        "df[{c}] <= 5",
        "df[{c}].astype(str).str.len() == 1",
        "df[{c}].apply(lambda x: isinstance(x, int))",
        "df[{c}].isin(tuple([1, 2, 3]))",
    ),
    "amount": (
        "df[{c}] >= 0",
        "(df[{c}] > 0) & (df[{c}] <= 10000000)",
        "df[{c}].isna() | ((df[{c}] >= -5) & (df[{c}] < 5000.01))",
        "df[{c}].fillna(-1) >= 0",
        "df[{c}].abs() < 100",
        "df[{c}].round(2) == df[{c}]",
        "df[{c}].notna() & (df[{c}] == df[{c}].astype(float).round(1))",
        "df[{c}].isna() | (df[{c}] * 100 % 1 == 0)",
        "df[{c}].apply(lambda x: len(str(x).split('.')[-1]) <= 2 if pd.notna(x) else True)",
        "df[{c}].apply(lambda x: pd.isna(x) or round(x, 2) == x)",
        "df[{c}].apply(lambda x: isinstance(x, (int, float)) and x >= 0 and x.is_integer())",
        "df[{c}].astype(str).str.match(r'^-?\\d+\\.\\d{{1,2}}$')",
        "df[{c}].astype(str).str.split('.').str[-1].str.len() <= 2",
        "df[{c}] <= df['ceiling']",
        "df[{c}].isna() | df['ceiling'].isna() | (df[{c}] <= df['ceiling'] * 1.5)",
        "df[{c}] + df['ceiling'] > 100",
        "(df[{c}] - df['ceiling']).abs() <= 10",
        "~((df['tag'] == 'RED') & df[{c}].isna())",
        "(df['tag'] != 'RED') | (df[{c}] > 0)",
        "df.apply(lambda row: pd.isna(row[{c}]) or row['rank'] > 2, axis=1)",
        "df.apply(lambda row: row[{c}] <= row['ceiling'], axis=1)",
        "np.isfinite(df[{c}])",
    ),
    "day": (
        "df[{c}].notna()",
        "pd.to_datetime(df[{c}], errors='coerce').notna()",
        "pd.to_datetime(df[{c}], errors='coerce') >= pd.Timestamp('2000-01-01')",
        "pd.to_datetime(df[{c}]).between('2000-01-01', '2025-01-01')",
        "pd.to_datetime(df[{c}], errors='coerce') <= pd.Timestamp.now()",
        "pd.to_datetime(df[{c}], errors='coerce') >= pd.Timestamp.now() - pd.DateOffset(years=20)",
        "~(pd.to_datetime(df[{c}], errors='coerce') > datetime.now() + timedelta(days=30))",
        "pd.to_datetime(df[{c}]).dt.year.isin([2000, 2024])",
    ),
}  # fmt: skip

# How passed and failed rows are counted.
FORMS = (
    """
def check_rule(df, column_name):
    import re
    from datetime import datetime, timedelta
    total = len(df)
    passed = int(({mask}).sum())
    return {{'passed': passed, 'failed': total - passed, 'total': total,
             'pass_rate': passed / total * 100 if total > 0 else 0}}
""",
    """
import re
from datetime import datetime, timedelta
def check_it(data, col):
    '''Counts what does not comply.'''
    df = data
    if df.empty:
        return {{'passed': 0, 'failed': 0, 'total': 0}}
    ok = {mask}
    failed = df[ok == False].shape[0]
    passed = df.shape[0] - failed
    return dict_of(passed, failed)
""",
    """
def check_quality(df, column_name='tag'):
    import re
    from datetime import datetime, timedelta
    total_count = df.shape[0]
    try:
        mask = {mask}
        bad = 0
        for each in mask:
            if each:
                continue
            bad += 1
        return {{"total": total_count, "failed": bad, "passed": total_count - bad}}
    except (ValueError, TypeError) as error:
        raise
""",
    """
def validate_values(df):
    import re
    from datetime import datetime, timedelta
    return {mask}
""",
)

# Texts as wholes: functions of one value, loops, counts that do not add up, repeated values.
WHOLE: dict[str, tuple[str, ...]] = {
    "tag": (
        """
def check_rule(df, column_name):
    def is_fine(value):
        if value is None or value == '':
            return False
        if len(value) > 20:
            return False
        return value[0].isalpha()
    total = len(df)
    passed = df[column_name].apply(is_fine).sum()
    failed = total - passed
    return {'passed': passed, 'failed': failed, 'total': total}
""",
        """
def check_rule(df, column_name):
    allowed = ['RED'] + ['BLUE', "N/A"]
    wrong = df[~df[column_name].isin(allowed) & df[column_name].notnull()]
    return {'passed': len(df) - len(wrong), 'failed': len(wrong), 'total': len(df)}
""",
        """
def check_rule(df, column_name):
    total = len(df)
    failed = sum(1 for v in df[column_name] if v is not None and not v.strip())
    return {'passed': total - failed, 'failed': failed, 'total': total}
""",
        """
def check_rule(df, column_name):
    values = df[column_name].dropna()
    total = len(values)
    failed = len([v for v in values if len(v) < 2])
    return {'passed': total - failed, 'failed': failed, 'total': total}
""",
        """
def check_rule(df, column_name):
    total = len(df)
    repeated = df[column_name].duplicated().sum()
    return {'passed': total - repeated, 'failed': repeated, 'total': total}
""",
        """
def check_rule(df, column_name):
    repeated = df[df.duplicated(subset=[column_name], keep=False)]
    return {'passed': len(df) - len(repeated), 'failed': len(repeated), 'total': len(df)}
""",
        """
def check_rule(df, column_name):
    values = df[column_name].dropna()
    failed = values.duplicated(keep='last').sum()
    return {'passed': len(values) - failed, 'failed': failed, 'total': len(values)}
""",
        """
def check_rule(df, column_name):
    repeated = df.duplicated(subset=[column_name, 'rank'])
    failed = int(repeated.sum())
    return {'passed': len(df) - failed, 'failed': failed, 'total': len(df)}
""",
        """
def check_rule(df, column_name):
    shares = df[column_name].value_counts(normalize=True)
    dominated = (shares > 0.95).any()
    total = len(df)
    return {'passed': 0 if dominated else total, 'failed': total if dominated else 0, 'total': total}
""",
        """
def check_rule(df, column_name):
    total = len(df)
    shares = df[column_name].value_counts(normalize=True)
    failed = total if len(df) > 0 and (shares > 0.95).any() else 0
    return {'passed': total - failed, 'failed': failed, 'total': total}
""",
        """
def check_rule(df, column_name):
    fine = df[column_name].fillna('-').apply(lambda v: len(v.split('-')[0]) <= 2)
    return {'passed': int(fine.sum()), 'failed': int((~fine).sum()), 'total': len(df)}
""",
        """
def check_rule(df, column_name):
    if 'no such column' in df.columns:
        return {'passed': 0, 'failed': 0, 'total': 0}
    failed = df[column_name].isna().sum()
    return {'passed': len(df) - failed, 'failed': failed, 'total': len(df)}
""",
        """
import re
PATTERN = re.compile(r'^[A-Z]+', re.IGNORECASE)
def check_rule(df, column_name):
    failed = 0
    for index, value in df[column_name].items():
        if pd.isnull(value):
            continue
        if not PATTERN.match(str(value)):
            failed += 1
    return {'passed': len(df) - failed, 'failed': failed, 'total': len(df)}
""",
        """
def check_rule(df, column_name):
    failed = 0
    for _, row in df.iterrows():
        value = row[column_name]
        if value is None:
            failed += 1
        elif row['rank'] > 3 and value == 'RED':
            failed += 1
    return {'passed': len(df) - failed, 'failed': failed, 'total': len(df)}
""",
        """
def check_rule(df, column_name):
    bad_rows = []
    for value in df[column_name].tolist():
        if value in ('', None):
            bad_rows.append(value)
    return {'total': len(df), 'failed': len(bad_rows), 'passed': len(df) - len(bad_rows)}
""",
    ),
    "digits": (
        """
def check_rule(df, column_name):
    def ok(x):
        if pd.isna(x): return True
        try:
            return 0 <= float(x) <= 500
        except:
            return False
    total = len(df)
    passed = df[column_name].apply(ok).sum()
    return {'passed': passed, 'failed': total - passed, 'total': total}
""",
        """
def check_rule(df, column_name):
    failed = 0
    for text in df[column_name].dropna().astype(str):
        try:
            number = str(float(text))
            if '.' in number and len(number.split('.')[1 - 2]) > 2:
                failed += 1
        except (ValueError, TypeError):
            failed += 1
    return {'passed': len(df) - failed, 'failed': failed, 'total': len(df)}
""",
        """
def check_rule(df, column_name):
    def whole(x):
        try:
            int(x)
            return True
        except Exception:
            return False
    passed = int(df[column_name].map(whole).sum())
    return {'passed': passed, 'failed': len(df) - passed, 'total': len(df)}
""",
    ),
    "grade": (
        """
def check_rule(df, column_name):
    total = len(df)
    missing = df[column_name].isna()
    failed = missing.sum() + (df[column_name] < 0).sum()
    passed = total - failed
    return {'passed': passed, 'failed': failed, 'total': total}
""",
        """
def check_rule(df, column_name):
    total = len(df)
    known = df[df[column_name].notna()]
    passed = known[known[column_name] >= 1].shape[0]
    return {'passed': passed, 'failed': len(known) - passed, 'total': len(known)}
""",
        """
def check_rule(df, column_name):
    limit = 10 * 10 - 1
    conditions = (df[column_name] > limit) | (df[column_name] < 2 - 1)
    failed = len(df.loc[conditions, column_name])
    return {'passed': len(df) - failed, 'failed': failed, 'total': len(df)}
""",
        """
def check_rule(df, column_name):
    flags = np.where(df[column_name] > 3, 1, 0)
    passed = flags.sum()
    return {'passed': passed, 'failed': len(df) - passed, 'total': len(df)}
""",
        """
def check_rule(df, column_name):
    if df[column_name].dtype == 'object':
        failed = len(df)
    else:
        failed = (df[column_name] > 99).sum()
    return {'passed': len(df) - failed, 'failed': failed, 'total': len(df)}
""",
    ),
    "amount": (
        """
def check_rule(df, column_name):
    def places(number):
        written = str(number)
        return len(written.split('.')[1]) if '.' in written else 0
    total, most = len(df), 2
    failed = df[column_name].apply(lambda number: places(number) > most).sum()
    return {'passed': total - failed, 'failed': failed, 'total': total}
""",
        """
def check_rule(df, column_name):
    def limited(x, least=-3, most=6000):
        return not (x < least or x > most)
    failed = (~df[column_name].apply(limited)).sum()
    return {'passed': len(df) - failed, 'failed': failed, 'total': len(df)}
""",
        """
def check_rule(df, column_name):
    ok = 0
    for a, b in zip(df[column_name], df['ceiling']):
        if pd.isna(a) or pd.isna(b):
            ok += 1
        elif a <= b:
            ok = ok + 0
            ok += 1
    return {'passed': ok, 'failed': len(df) - ok, 'total': len(df)}
""",
        """
def check_rule(df, column_name):
    both = df.dropna(subset=[column_name, 'ceiling'])
    wrong = both[both[column_name] > both['ceiling']]
    return {'passed': len(both) - len(wrong), 'failed': len(wrong), 'total': len(both)}
""",
    ),
}


def texts() -> Iterator[RuleText]:
    """Yield every mask in every form, and the texts that are wholes."""
    for column, masks in MASKS.items():
        for number, mask in enumerate(masks):
            for form in (FORMS[0], FORMS[1 + number % 3]):
                name = {FORMS[1]: "col", FORMS[3]: repr(column)}.get(form, "column_name")
                filled = form.format(mask=mask.format(c=name))
                counts = "{'passed': passed, 'failed': failed, 'total': passed + failed}"
                yield RuleText(filled.replace("dict_of(passed, failed)", counts), column)
    for column, wholes in WHOLE.items():
        yield from (RuleText(text, column) for text in wholes)
