"""From events to observations under the rules' codes, and to the data of the report. Pure."""
