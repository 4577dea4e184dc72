"""What `doctor` looks at: one file for each check, a table of them, and no check that writes or asks the network.

A check gives what it found, good or not; what cannot be known is said to be so, and never passed over.
"""
