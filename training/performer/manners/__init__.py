"""How people do what they do: each label in several manners, each with its share."""
