"""Commands on the whole record: verify, sync, backup, restore, succeed, exception, doctor; and what git's hooks call."""
