"""The rules KVM has had, of which a policy is made: what a fault gets and what is zapped."""
