"""The ports on AWS: DynamoDB, S3, EventBridge and KMS."""
