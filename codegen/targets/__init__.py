"""What codegen writes for; each target says only where it differs."""
