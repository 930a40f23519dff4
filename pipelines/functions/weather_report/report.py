"""Draws the climate table and a chart of it. Needs the package tabulate, from the lock file beside it."""

from tabulate import tabulate

UNITS = {"hottest": "°C", "coldest": "°C", "wettest": "mm", "windiest": "m/s"}


def handler(event, _context):
    """Give the report as text, and the table as rows."""
    months = event["months"]
    top = max(month["rain_mm"] for month in months)
    climate = [
        {
            "month": month["month"],
            "high °C": month["high"],
            "low °C": month["low"],
            "rain mm": month["rain_mm"],
            "wet days %": month["wet_days"],
            "rain": "█" * round(24 * month["rain_mm"] / top),
        }
        for month in months
    ]
    table = tabulate(climate, headers="keys", floatfmt=".1f", tablefmt="simple")
    notes = [f"{name:>8}: {day['value']} {UNITS[name]} on {day['date']}" for name, day in event["extremes"].items()]
    return {"report": "\n".join([event["title"], "", table, "", *notes]), "climate": climate}
