"""OpenSSH keys and signatures: made by ssh-keygen, verified in this process."""
