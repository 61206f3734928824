"""The wires to Rokt. Each module speaks one, maps its faults to our errors, and never retries."""
