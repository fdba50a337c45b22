"""What shoppers can mean and how they say it: the sources, the platforms' models made from them, and the understanding."""
