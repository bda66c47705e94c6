"""What a researcher wants to know of many steps: histories, how long actions last, exports."""
