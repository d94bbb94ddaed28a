"""The English names of the months."""

MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
MONTHS = {name.lower(): number for number, full in enumerate(MONTH_NAMES, 1) for name in (full, full[:3])} | {
    "sept": 9
}
"""The number of each month by its English name in small letters, or by the first three of them."""
