"""What any app may use; knows no model."""
