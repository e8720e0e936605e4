"""What a comparison of models needs: its rows, its kept fits, its tables."""
