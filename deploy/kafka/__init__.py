"""Real Apache Kafka without Docker."""
