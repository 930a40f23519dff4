"""Daily weather of Seattle: lists months, summarises one, finds extremes. Reads the file beside it."""

import csv
from calendar import month_abbr
from pathlib import Path

RECORDS = Path(__file__).with_name("seattle-weather.csv")


def records(first_year, last_year):
    """Give the records of the years, numbers as numbers."""
    with RECORDS.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            year, month, _ = (int(part) for part in row["date"].split("/"))
            if first_year <= year <= last_year:
                yield {
                    "date": row["date"].replace("/", "-"),
                    "month": month,
                    "rain": float(row["precipitation"]),
                    "high": float(row["temp_max"]),
                    "low": float(row["temp_min"]),
                    "wind": float(row["wind"]),
                    "weather": row["weather"],
                }


def list_months(event, _context):
    """Give the calendar months that the records cover, and how many days there are."""
    rows = list(records(event["first_year"], event["last_year"]))
    numbers = sorted({row["month"] for row in rows})
    print(f"read {len(rows)} days from {RECORDS.name}")
    return {"days": len(rows), "months": [{"number": n, "name": month_abbr[n]} for n in numbers]}


def summarise(event, _context):
    """Give the averages of one calendar month over the years."""
    rows = [row for row in records(event["first_year"], event["last_year"]) if row["month"] == event["month"]]
    wet = sum(1 for row in rows if row["rain"] > 0)
    return {
        "month": month_abbr[event["month"]],
        "high": round(sum(row["high"] for row in rows) / len(rows), 1),
        "low": round(sum(row["low"] for row in rows) / len(rows), 1),
        "rain_mm": round(sum(row["rain"] for row in rows) / (event["last_year"] - event["first_year"] + 1), 1),
        "wet_days": round(100 * wet / len(rows)),
    }


def extremes(event, _context):
    """Give the hottest, coldest, wettest and windiest day."""
    rows = list(records(event["first_year"], event["last_year"]))
    picks = {"hottest": ("high", max), "coldest": ("low", min), "wettest": ("rain", max), "windiest": ("wind", max)}
    found = {}
    for name, (field, pick) in picks.items():
        row = pick(rows, key=lambda each: each[field])
        found[name] = {"date": row["date"], "value": row[field]}
    return {"extremes": found}


def days(event, _context):
    """Give the dates on which a field lies between two bounds."""
    field, low, high = event["field"], event["from"], event["to"]
    return {"dates": [row["date"] for row in records(2012, 2015) if low <= row[field] <= high]}


def common_days(event, _context):
    """Give how many dates stand in all the lists, by year."""
    common = set.intersection(*(set(dates) for dates in event["lists"]))
    years = sorted({date[:4] for date in common})
    return {"count": len(common), "by_year": {year: sum(date.startswith(year) for date in common) for year in years}}
