"""State and session rows in DynamoDB."""
