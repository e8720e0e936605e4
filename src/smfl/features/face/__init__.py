"""The face: landmarks, head pose, gaze and movements."""
