"""Judges that wheels and Go modules bring as programs of their own: each runs once for all."""
