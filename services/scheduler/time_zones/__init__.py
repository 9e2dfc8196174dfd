"""Whether the clocks still say what people agreed to: states change their time zone rules, now and then at short notice."""
