"""Commands that finish a note or add to a finished one: sign, amend, withdraw, attest, attach, cosign."""
