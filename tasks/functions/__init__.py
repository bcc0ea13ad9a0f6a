"""What `call_functions` is made of: tools, approvals, the leash, and the calls themselves."""
