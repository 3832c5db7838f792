"""What makes the course out of its sources; run each as `python -m tools.NAME`, or through the Makefile."""
