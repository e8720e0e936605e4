"""What would have been seen, heard and measured of a simulated participant."""
