"""Orders by country: read, added up, summarised."""

ORDERS = [
    {"country": "Japan", "amount": 120.0},
    {"country": "Japan", "amount": 80.5},
    {"country": "Kenya", "amount": 42.0},
    {"country": "Norway", "amount": 310.25},
    {"country": "Kenya", "amount": 17.75},
]


def extract(event, context):
    """Give the orders of each country, without those that are too small."""
    orders = [order for order in ORDERS if order["amount"] >= event["minimum"]]
    names = sorted({order["country"] for order in orders})
    print(f"{len(orders)} orders from {len(names)} countries")
    return {
        "countries": [
            {"name": name, "amounts": [order["amount"] for order in orders if order["country"] == name]} for name in names
        ]
    }


def transform(event, context):
    """Add up one country."""
    country = event["country"]
    return {"name": country["name"], "orders": len(country["amounts"]), "total": round(sum(country["amounts"]), 2)}


def load(event, context):
    """Write the summary that a person reads."""
    lines = [f"Orders of {event['date']}"]
    lines += [f"{row['name']:<10} {row['orders']:>3} orders {row['total']:>10.2f}" for row in event["totals"]]
    print("\n".join(lines))
    return {"summary": "\n".join(lines)}
