"""What-if runs at the size of a prefecture: the time from the click, and whether a real rescreening then does the same."""
