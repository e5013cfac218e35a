"""What kind of failure a driver's error is: rules first, a small trained model for what they leave open."""
