"""Draws the climate table and a chart of it. Needs the package tabulate, from the lock file beside it."""

from tabulate import tabulate

UNITS = {"hottest": "°C", "coldest": "°C", "wettest": "mm", "windiest": "m/s"}


def handler(event, _context):
    """Give the report as text, and how the year looks in one line."""
    months = event["months"]
    top = max(month["rain_mm"] for month in months)
    climate = [
        {
            "month": month["month"],
            "high °C": month["high"],
            "low °C": month["low"],
            "rain mm": month["rain_mm"],
            "wet days %": month["wet_days"],
        }
        for month in months
    ]
    bars = [{**row, "": "█" * round(24 * row["rain mm"] / top)} for row in climate]
    table = tabulate(bars, headers="keys", floatfmt=".1f", tablefmt="simple")
    notes = [f"{name:>8}: {day['value']} {UNITS[name]} on {day['date']}" for name, day in event["extremes"].items()]
    return {"report": "\n".join([event["title"], "", table, "", *notes]), "rainiest": max(climate, key=lambda row: row["rain mm"])["month"]}
