"""Facts about Denmark that every service shares: municipalities, regions, travel, closed days, written dates."""
