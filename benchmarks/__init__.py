"""Side-by-side measurements that print JSON, to check claims about speed anywhere."""
